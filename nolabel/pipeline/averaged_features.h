// Features of a frozen backbone, averaged over several views of each image (docs/method.md, Groups
// of frozen features).
#pragma once

#include "nolabel/pipeline/effort.h"
#include "nolabel/pipeline/subject.h"

namespace nolabel {

// Fills SubjectSplit::averaged of the training images, with settings.averaged_views random views by
// settings.averaging; of features that the user gives, it is the features. The views are embedded,
// or read where the run keeps them. Throws Error(Fault::stopped) on request.
void average_features(Subject& subject, const ClusterSettings& settings,
                      const Environment& environment);

}  // namespace nolabel
