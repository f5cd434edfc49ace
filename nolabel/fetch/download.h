// A file over HTTP: continued where it was cut, tried again, and never left under its name with
// other bytes than the ones asked for.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "nolabel/record/observer.h"

namespace nolabel {

struct Download {
  std::string url;       // http or https; redirections to these are followed
  std::string md5 = {};  // that the file's begins with: 32 digits, or the 8 that some authors give
  std::string sha256 = {};  // that the file's begins with: 64 digits, or the 8 that some authors
                            // give; verified in place of md5 when it is given
  int64_t bytes = 0;        // its size, for progress and disk room; 0: unknown
  // Where the user may place the file by hand, for messages; the caller looks there. Empty: where
  // the download puts it.
  std::filesystem::path by_hand = {};

  // The file's name at the end of the URL: "cifar-10-python.tar.gz".
  std::string name() const;
};

struct DownloadPatience {
  int attempts = 8;                       // in a row that get no further
  std::chrono::milliseconds pause{1000};  // before the second one; doubled each time
  std::chrono::milliseconds longest_pause{60'000};
  std::chrono::seconds stall{60};  // without a byte: the connection counts as cut
  // Until any server has answered: no network, an unknown name, a closed port, a proxy that is not
  // there. In all, with one more try.
  std::chrono::milliseconds unreachable{8'000};
};

// Puts the file at `file`, whose folder exists. Until it is whole and verified it is `file`.part: a
// later call, after a kill too, continues it (Range), or starts anew when the server cannot. Cut
// connections, 408, 429 and 5xx are tried again; a server that cannot be reached at all is given up
// within 10 seconds. A file that the user placed at `file` is verified and kept. Throws
// Error(Fault::system), which says what to place where by hand, for an answer such as 404 and when
// patience ends, and when the disk has no room; Error(Fault::data) when the bytes are wrong, which
// are removed if they were downloaded; Error(Fault::stopped) on request, keeping the part.
void download(const Download& what, const std::filesystem::path& file,
              const DownloadPatience& patience, const Observer& observer);

// Throws Error(Fault::data) when a file that the user placed by hand has another digest than
// `what`.
void require_digest(const Download& what, const std::filesystem::path& file,
                    const Observer& observer);

}  // namespace nolabel
