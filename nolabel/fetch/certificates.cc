#include "nolabel/fetch/certificates.h"

#include <curl/curl.h>

#include <cstdlib>
#include <system_error>

namespace nolabel {
namespace fs = std::filesystem;

std::string certificate_file(const std::vector<fs::path>& places) {
  for (const char* variable : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* const named = std::getenv(variable);
    if (named && *named != '\0') return named;
  }
  for (const fs::path& place : places) {
    std::error_code error;
    if (fs::exists(place, error)) return place.string();
  }
  return "";
}

std::vector<fs::path> certificate_places() {
  std::vector<fs::path> places;
#if LIBCURL_VERSION_NUM >= 0x074600
  const curl_version_info_data* const libcurl = curl_version_info(CURLVERSION_NOW);
  if (libcurl->age >= CURLVERSION_SEVENTH && libcurl->cainfo) places.emplace_back(libcurl->cainfo);
#endif
  for (const char* place : {"/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch
                            "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, RHEL
                            "/etc/ssl/ca-bundle.pem",              // openSUSE
                            "/etc/ssl/cert.pem"}) {                // Alpine
    places.emplace_back(place);
  }
  return places;
}

}  // namespace nolabel
