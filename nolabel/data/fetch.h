// Published data sets that are not there yet: downloaded, verified, unpacked, moved into place.
#pragma once

#include <filesystem>

#include "nolabel/data/published.h"
#include "nolabel/fetch/download.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// Puts the archive's folder (cifar-10-batches-py, stl10_binary) into `folder`, which is created,
// and returns its path: what to hand to load_images(). One that is there already is left and used
// as it is, and so is an archive under its published name that the user placed in `folder`: it is
// verified and unpacked instead of being downloaded. Work goes on in `folder`/.nolabel-<name>,
// which is removed at the end; a part of a download stays there for the next call. A second process
// waits for the first. Throws Error(Fault::usage) for data that has no archive and for a folder
// that holds anything but published data sets, else what download() and unpack() throw.
std::filesystem::path fetch_published(const PublishedData& data,
                                      const std::filesystem::path& folder, const Observer& observer,
                                      const DownloadPatience& patience = {});

}  // namespace nolabel
