#include "nolabel/fetch/certificates.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "nolabel/base/file.h"

namespace nolabel {
namespace {

TEST(CertificatesTest, CertificateFileIsThatOfTheEnvironmentElseTheFirstThatExists) {
  const TemporaryDirectory folder;
  const auto first = folder.path() / "first.pem", second = folder.path() / "second.pem";
  ::unsetenv("CURL_CA_BUNDLE");
  ::unsetenv("SSL_CERT_FILE");
  EXPECT_EQ(certificate_file({first, second}), "");
  write_file(second, "");
  EXPECT_EQ(certificate_file({first, second}), second.string());
  write_file(first, "");
  EXPECT_EQ(certificate_file({first, second}), first.string());
  ::setenv("SSL_CERT_FILE", "/own.pem", 1);
  EXPECT_EQ(certificate_file({first}), "/own.pem");
  ::setenv("CURL_CA_BUNDLE", "/company.pem", 1);
  EXPECT_EQ(certificate_file({first}), "/company.pem");
  ::unsetenv("CURL_CA_BUNDLE");
  ::unsetenv("SSL_CERT_FILE");
}

}  // namespace
}  // namespace nolabel
