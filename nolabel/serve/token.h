// The secret that shows that a request comes from the page which this server has sent.
#pragma once

#include <string>
#include <string_view>

namespace nolabel {

// 128 bits of the system's random source as 32 hexadecimal digits. Throws Error(system) without
// one.
std::string random_token();

// Whether both are the same, in a time that does not tell how many of the first bytes are.
bool same_token(std::string_view given, std::string_view token);

}  // namespace nolabel
