// The images and backbone of a run, for the commands that do one stage.
#pragma once

#include "cli/run_options.h"
#include "nolabel/pipeline/published_config.h"
#include "nolabel/pipeline/subject.h"

namespace nolabel::cli {

// --backbone, --image-size, --features and --paths: what the stages after the pretext see.
struct SubjectOptions {
  std::string backbone, features, paths;
  int image_size = 0;
  // Where there is no pretext model, SCAN's own backbone serves: of a run of the published program
  // people have the model alone.
  bool backbone_of_scan = false;
  std::optional<NormalizeSettings> normalize;  // of the evaluation views; unset: the backbone's
};
void declare(Schema& schema, SubjectOptions& options);

// Evaluation views as the settings have them (transformation_kwargs), where they say so.
void take_evaluation_views(SubjectOptions& options, const ViewSettings& views,
                           const CommandLine& line);

// Throws Error(Fault::usage) when images, a backbone or settings of them were given with
// --features.
void require_features_alone(const CommandLine& line, const RunOptions& options);

// Loads images and backbone (or features): what is given now, else what the run was begun with,
// else the run's own pretext model. Describes them in `run`; the caller saves that when its stage
// has succeeded. Errors as require_features_alone().
Subject load_subject(const CommandLine& line, RunOptions& options, const SubjectOptions& wanted,
                     RunDirectory& run, const Environment& environment);

}  // namespace nolabel::cli
