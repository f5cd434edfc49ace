#include "nolabel/model/stated_views.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <sstream>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// "0.4914 0.4822 0.4465"
std::string channels_text(const std::array<float, 3>& values) {
  std::string text;
  for (const float value : values) text += format(text.empty() ? "{:.6g}" : " {:.6g}", value);
  return text;
}

std::array<float, 3> stated_channels(const std::string& key, const std::string& text,
                                     const fs::path& file) {
  std::istringstream stream(text);
  std::array<float, 3> values;
  for (float& value : values) stream >> value;
  if (!stream.fail() && (stream >> std::ws).eof()) return values;
  fail_data("{} must state {} as three numbers. It states \"{}\".", file.string(), key, text);
}

void take_stated_choice(const Statements& statements, const std::string& key, bool& choice,
                        const fs::path& file) {
  const auto stated = statements.find(key);
  if (stated == statements.end()) return;
  if (stated->second != "yes" && stated->second != "no") {
    fail_data("{} must state {} as yes or no. It states \"{}\".", file.string(), key,
              stated->second);
  }
  choice = stated->second == "yes";
}

void take_stated_interpolation(const Statements& statements, Interpolation& interpolation,
                               const fs::path& file) {
  const auto stated = statements.find("interpolation");
  if (stated == statements.end()) return;
  const auto name = std::ranges::find(interpolation_names, stated->second);
  if (name == interpolation_names.end()) {
    std::string known;
    for (const char* one : interpolation_names)
      known += (known.empty() ? "" : ", ") + std::string(one);
    fail_data("{} must state interpolation as one of {}. It states \"{}\".", file.string(), known,
              stated->second);
  }
  interpolation = static_cast<Interpolation>(name - interpolation_names.begin());
}

}  // namespace

int stated_number(const Statements& statements, const std::string& key, const fs::path& file) {
  const auto stated = statements.find(key);
  if (stated == statements.end()) return 0;
  const std::string& text = stated->second;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 0) return number;
  fail_data("{} must state {} as a positive whole number. It states \"{}\".", file.string(), key,
            text);
}

Preprocessing stated_views(const BackboneDescription& network, const Statements& statements,
                           int image_size, const fs::path& file) {
  const int stated_size = stated_number(statements, "image_size", file);
  Preprocessing views = preprocessing(network, image_size != 0 ? image_size : stated_size);
  if (statements.contains("mean") && statements.contains("std")) {
    views.mean = stated_channels("mean", statements.at("mean"), file);
    views.std = stated_channels("std", statements.at("std"), file);
  }
  PictureSize& pictures = views.pictures;
  take_stated_choice(statements, "enlarge", pictures.enlarge, file);
  take_stated_choice(statements, "squash", pictures.squash, file);
  take_stated_interpolation(statements, pictures.interpolation, file);
  if (const int short_side = stated_number(statements, "short_side", file); short_side != 0) {
    const int of_views = preprocessing(network, stated_size).view_size;
    if (short_side < of_views) {
      fail_data(
          "{} must state a short_side of at least {} pixels, the side of the views that are cut "
          "from the picture. It states \"{}\".",
          file.string(), of_views, short_side);
    }
    pictures.short_side = short_side;
    pictures = for_other_views(pictures, of_views, views.view_size);
  }
  return views;
}

Statements view_statements(const BackboneDescription& network, const Preprocessing& views) {
  Statements statements{{"image_size", std::to_string(views.view_size)},
                        {"mean", channels_text(views.mean)},
                        {"std", channels_text(views.std)}};
  const PictureSize& pictures = views.pictures;
  if (pictures == preprocessing(network, views.view_size).pictures) return statements;
  const auto text = [](bool choice) { return choice ? "yes" : "no"; };
  statements["short_side"] = std::to_string(pictures.short_side);
  statements["enlarge"] = text(pictures.enlarge);
  statements["squash"] = text(pictures.squash);
  statements["interpolation"] = interpolation_names[static_cast<size_t>(pictures.interpolation)];
  return statements;
}

}  // namespace nolabel
