// The engines of a group: c10d's, with Gloo.
#pragma once

#include <c10/util/intrusive_ptr.h>

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace nolabel {

struct GroupPlace;

// An engine matches the calls of the processes by their order. Sums that are begun while other
// calls go on have an engine of their own, so that both orders need not agree.
struct GlooEngines {
  c10::intrusive_ptr<c10d::Backend> calls, sums;
};

// Blocks until all of the group have come; see connect_in() (gloo_group.h).
GlooEngines connect_engines(const c10::intrusive_ptr<c10d::Store>& store, const GroupPlace& place);

}  // namespace nolabel
