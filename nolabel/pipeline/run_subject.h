// The images and backbone of a run, or the features, for the commands that work on them.
#pragma once

#include <optional>

#include "nolabel/pipeline/run_request.h"
#include "nolabel/pipeline/subject.h"

namespace nolabel {

// The input of the stages after the pretext. Empty values mean the input that the run was begun
// with, or else the run's own pretext model.
struct SubjectRequest {
  std::string backbone, features, paths;
  int image_size = 0;       // side of the views in pixels; 0: what the backbone was trained on
  ViewSettings evaluation;  // of it the evaluation views (transformation_kwargs)
};
// backbone, image_size, features and paths.
void declare(SettingTables& tables, SubjectRequest& request);

// The side of the evaluation views, as image_size or else transformation_kwargs.crop_size gives it
// (0: neither does), and their normalisation, where transformation_kwargs gives it. `views`: the
// settings of views that the command has declared.
struct AskedViews {
  int image_size = 0;
  std::optional<NormalizeSettings> normalize;
};
AskedViews asked_views(const SettingTables& tables, int image_size, const ViewSettings& views);

enum class BackboneOfScan {
  never,
  // Where there is no pretext model, use the backbone of the SCAN model, because people often have
  // only this file of a run of the published program.
  allowed,
};

// Loads images and backbone, or features: what is given now, else what the run was begun with, else
// the run's own pretext model. The run's state then says what it is about; the caller saves it when
// its stage has succeeded. Throws Error(Fault::usage) when images or a backbone are given with
// features, or there is no backbone.
Subject load_subject(SettingTables& tables, RunRequest& request, const SubjectRequest& wanted,
                     const AskedViews& views, BackboneOfScan of_scan, RunDirectory& run,
                     Environment& environment, Opening opening = Opening::make);

// The features of `wanted`, or else those of the run. The run's state then says so.
Subject load_features(SettingTables& tables, RunRequest& request, const SubjectRequest& wanted,
                      RunDirectory& run, const Environment& environment);

// Afterwards the run's state names the backbone of the subject, so that later commands find it,
// also from other folders and after the run was moved (RunState::Backbone::name), and the views as
// they were asked for. `name`: "photos", "starter" or a path; empty: the run's own pretext model.
void remember_backbone(RunDirectory& run, const Subject& subject, const std::filesystem::path& name,
                       const AskedViews& views);

// The views that somebody has asked for, where `name`, which the user gives without views, is the
// backbone of the run: under the same name, or a file that was moved. Nothing where it is another
// one, or nobody has asked. Errors as load_backbone(); runs no program.
std::optional<AskedViews> views_of_same_backbone(const std::string& name, const RunState& state);

// The run's own pretext model, its backbone from now on, was trained from the backbone of this name
// (empty: from nothing), for views of this size (0: nobody said).
void remember_start(RunDirectory& run, const std::filesystem::path& name, int image_size);

// load_backbone() for a command in a run: is_named tells whether the user has named the backbone,
// or else the run remembers it and whether it is a program. That a run remembers a program is no
// consent to run it: somebody else may have made the run.
Backbone load_backbone_of_run(const std::string& name, int image_size, bool is_named,
                              const RunState& state, ProgramAccess programs,
                              const Environment& environment);

// Throws Error(Fault::usage) when images, a backbone or settings of them are given with features.
void require_features_alone(const SettingTables& tables, const RunRequest& request);

}  // namespace nolabel
