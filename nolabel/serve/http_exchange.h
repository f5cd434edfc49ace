// One request and its answer, in HTTP as cpp-httplib speaks it.
#pragma once

#include <memory>

#include "nolabel/serve/site.h"
#include "nolabel/serve/timed_stream.h"

namespace nolabel {

// For one thread; the site is shared. cpp-httplib parses the head, reads the body and writes the
// answer. Its own server is not used: there, every silent connection holds a thread, an endless
// line fills the memory, and nothing ends in time.
class HttpExchange {
 public:
  explicit HttpExchange(Site& site);
  ~HttpExchange();

  // `stream` holds the whole head of a request. Returns whether the connection can take another
  // request. It cannot when something of this one may be left unread.
  bool serve(TimedStream& stream);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace nolabel
