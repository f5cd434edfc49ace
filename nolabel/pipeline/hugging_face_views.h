// How a processor of pictures that transformers wrote (preprocessor_config.json) makes views.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nolabel/model/recognise.h"

namespace nolabel {

struct HuggingFaceViews {
  Statements statements;  // model/stated_views.h
  std::string note;       // for people: what nolabel does in place of what is written, or empty
};

// `config`: the processor's settings without nulls. A setting that is left out is the default of
// the processor's class; where no class is named, of the class for networks of `model_type`.
// `file` holds the settings and is named in errors. Throws Error(Fault::data) when the processor
// does what nolabel cannot do, or when a setting is missing that nolabel knows no default for;
// nlohmann::json::exception when a value is of another kind than transformers writes.
HuggingFaceViews hugging_face_views(const nlohmann::json& config, const std::string& model_type,
                                    const std::filesystem::path& file);

}  // namespace nolabel
