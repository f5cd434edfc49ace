// CRC-32 as zip files have it (ISO 3309, polynomial 0xEDB88320). Private to weights.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nolabel {

uint32_t crc32(const void* data, size_t bytes);

}  // namespace nolabel
