// The images and backbone of a run, for the commands that do one stage.
#pragma once

#include "cli/run_options.h"
#include "nolabel/pipeline/subject.h"

namespace nolabel::cli {

// --backbone, --features and --paths: what the stages after the pretext see.
struct SubjectOptions {
  std::string backbone, features, paths;
};
void declare(Schema& schema, SubjectOptions& options);

// Loads images and backbone (or features): what is given now, else what the run was begun with,
// else the run's own pretext model. Describes them in `run`; the
// caller saves that when its stage has succeeded. `image_size` of the run's backbone.
Subject load_subject(const CommandLine& line, RunOptions& options, const SubjectOptions& wanted,
                     RunDirectory& run, const Environment& environment);

}  // namespace nolabel::cli
