// The certificates that servers are checked by.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nolabel {

// The file of certificates for downloads: that of the environment (CURL_CA_BUNDLE or SSL_CERT_FILE,
// as curl, OpenSSL and Python's packages take it), else the first of `places` that exists. Empty:
// what libcurl was built with. A libcurl that came from another distribution (in the Python wheel)
// was built with a place that need not exist on this machine.
std::string certificate_file(const std::vector<std::filesystem::path>& places);

// libcurl's own place, then those of the common distributions.
std::vector<std::filesystem::path> certificate_places();

}  // namespace nolabel
