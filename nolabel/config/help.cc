// Schema::help_text: the settings as an aligned table.
#include <algorithm>

#include "nolabel/base/format.h"
#include "nolabel/config/schema.h"
#include "nolabel/config/value_text.h"

namespace nolabel {
namespace {

constexpr size_t line_width = 100;
constexpr size_t widest_column = 40;  // a longer cell pushes its own line only

// "passes over the data (1..100000)"
std::string explanation(const Setting& setting) {
  const std::string range = range_text(setting);
  return range.empty() ? setting.help : setting.help + " (" + range + ")";
}

// Words of `text` from column `indent` on, the first line already begun there.
std::string wrap(const std::string& text, size_t indent) {
  std::string result;
  size_t column = indent;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    if (column > indent && column + 1 + word.size() > line_width) {
      result += '\n';
      result.append(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result;
}

std::string padded(const std::string& cell, size_t width) {
  return cell + std::string(cell.size() < width ? width - cell.size() : 0, ' ') + "  ";
}

}  // namespace

std::string flag_name(std::string_view setting) {
  std::string flag = "--" + std::string(setting);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string Schema::help_text(Names style) const {
  std::vector<std::string> names;
  size_t name_width = 0, default_width = 0;
  for (const Setting& setting : settings_) {
    names.push_back(style == Names::flags ? flag_name(setting.name) : setting.name);
    name_width = std::max(name_width, std::min(names.back().size(), widest_column));
    default_width = std::max(default_width, std::min(setting.default_text.size(), widest_column));
  }
  const size_t indent = 2 + name_width + 2 + default_width + 2;
  std::string text;
  for (size_t i = 0; i < settings_.size(); ++i) {
    const std::string cells = format("  {}{}", padded(names[i], name_width),
                                     padded(settings_[i].default_text, default_width));
    text += cells;
    if (cells.size() > indent) text.append("\n").append(indent, ' ');
    text += wrap(explanation(settings_[i]), indent) + "\n";
  }
  return text;
}

}  // namespace nolabel
