// Byte-identical images: the same file under two names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nolabel {

// The first 128 bits of the SHA-256 of a file (CIFAR: of an image's planes). Equal means identical.
using ContentId = std::array<uint64_t, 2>;
ContentId content_id(std::string_view bytes);

// The content as files of a run hold it: 32 hexadecimal digits.
std::string content_text(const ContentId& content);
// The other way; nothing when the text is not 32 hexadecimal digits.
std::optional<ContentId> parse_content(std::string_view text);

// Indices of identical images: groups of 2 or more, each ascending, in the order of their first.
std::vector<std::vector<int64_t>> identical_groups(const std::vector<ContentId>& contents);

}  // namespace nolabel
