#include "nolabel/pipeline/earlier_clusters.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "nolabel/base/error.h"
#include "nolabel/base/format.h"
#include "nolabel/evaluate/contingency.h"
#include "nolabel/evaluate/matching.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/report/assignments_csv.h"

namespace nolabel {
namespace {

constexpr int64_t unknown = -1;

// counts.at(new, earlier): images in both.
Matrix<int64_t> shared_images(const std::vector<int64_t>& earlier, const std::vector<int64_t>& now,
                              int clusters) {
  std::vector<int> rows, columns;
  for (size_t i = 0; i < earlier.size(); ++i) {
    if (earlier[i] == unknown) continue;
    rows.push_back(static_cast<int>(now[i]));
    columns.push_back(static_cast<int>(earlier[i]));
  }
  if (columns.empty()) return {};
  const int most = *std::ranges::max_element(columns) + 1;
  return contingency(rows, columns, clusters, most);
}

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

// By the names in assignments.csv of a run that was made before found.csv was written: its clusters
// are numbered from 0.
std::vector<int64_t> clusters_by_name(const RunDirectory& run,
                                      const std::vector<std::string>& names) {
  const std::filesystem::path file = run.path() / "assignments.csv";
  if (!std::filesystem::exists(file)) return {};
  std::unordered_map<std::string, int64_t> cluster_of;
  const AssignmentTable table = read_assignments(file);
  for (size_t i = 0; i < table.names.size(); ++i) {
    const int cluster = table.assignments[i].cluster;
    if (cluster < 0 || cluster >= run.state().clusters) {
      fail_data("{} must have clusters 0..{}. Received {}.", file.string(),
                run.state().clusters - 1, cluster);
    }
    cluster_of[table.names[i]] = cluster;
  }
  std::vector<int64_t> clusters;
  for (const std::string& name : names) {
    const auto found = cluster_of.find(name);
    clusters.push_back(found == cluster_of.end() ? unknown : found->second);
  }
  return clusters;
}

std::vector<int64_t> clusters_by_content(const FoundClusters& found,
                                         const std::vector<ClusterIdentity>& identities,
                                         const std::vector<ContentId>& contents) {
  std::map<ContentId, int64_t> cluster_of;
  for (size_t i = 0; i < found.contents.size(); ++i) {
    const auto place = index_of(identities, found.cluster_of[i]);
    cluster_of[found.contents[i]] = place ? static_cast<int64_t>(*place) : unknown;
  }
  std::vector<int64_t> clusters;
  for (const ContentId& content : contents) {
    const auto known = cluster_of.find(content);
    clusters.push_back(known == cluster_of.end() ? unknown : known->second);
  }
  return clusters;
}

}  // namespace

std::vector<int64_t> earlier_clusters(const RunDirectory& run,
                                      const std::vector<std::string>& names,
                                      const std::vector<ContentId>& contents,
                                      const Environment& environment) {
  try {
    const std::optional<FoundClusters> found = read_found_clusters(run.path());
    return found ? clusters_by_content(*found, found_identities(run.state()), contents)
                 : clusters_by_name(run, names);
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    environment.observer.warn(format(
        "{} The clusters get new numbers, because those of before are unknown", error.what()));
    return {};
  }
}

std::vector<int64_t> continued_clusters(const std::vector<int64_t>& earlier,
                                        const std::vector<int64_t>& now, int clusters) {
  std::vector<int64_t> continued(clusters, unknown);
  const Matrix<int64_t> shared = shared_images(earlier, now, clusters);
  if (shared.columns == 0) return continued;
  const std::vector<int> matched = maximum_matching(shared);
  const std::vector<int64_t> sizes = row_sums(shared), earlier_sizes = column_sums(shared);
  for (int k = 0; k < clusters; ++k) {
    if (matched[k] < 0) continue;
    const int64_t both = 2 * shared.at(k, matched[k]);
    if (both > sizes[k] || both > earlier_sizes[matched[k]]) continued[k] = matched[k];
  }
  return continued;
}

std::vector<int64_t> numbered_as(std::vector<int64_t> continued) {
  const auto clusters = std::ssize(continued);
  std::set<int64_t> free;
  for (int64_t k = 0; k < clusters; ++k) free.insert(k);
  for (int64_t& k : continued) {
    if (k >= clusters) k = unknown;
    free.erase(k);
  }
  for (int64_t& k : continued) {
    if (k == unknown) k = free.extract(free.begin()).value();
  }
  return continued;
}

std::vector<int64_t> numbered_as_earlier(const std::vector<int64_t>& earlier,
                                         std::vector<int64_t> now, int clusters) {
  const std::vector<int64_t> number = numbered_as(continued_clusters(earlier, now, clusters));
  for (int64_t& k : now) k = number[k];
  return now;
}

std::string continuation_text(const std::vector<ClusterIdentity>& earlier,
                              const std::vector<ClusterIdentity>& identities, int next_id) {
  std::vector<std::string> begun, back, ended;
  bool any_stays = false;
  for (const ClusterIdentity& identity : identities) {
    if (index_of(earlier, identity.id)) {
      any_stays = true;
    } else {
      (identity.id < next_id ? back : begun).push_back(std::to_string(identity.id));
    }
  }
  for (const ClusterIdentity& identity : earlier) {
    if (!index_of(identities, identity.id)) ended.push_back(std::to_string(identity.id));
  }
  std::vector<std::string> parts;
  if (!begun.empty()) parts.push_back("new clusters: " + joined(begun, ", "));
  if (!back.empty()) parts.push_back("clusters that are back: " + joined(back, ", "));
  if (!ended.empty()) parts.push_back("no cluster continues " + joined(ended, ", "));
  if (parts.empty()) return "every cluster keeps its number";
  if (any_stays) parts.emplace_back("the others keep their numbers");
  return joined(parts, "; ");
}

std::vector<float> matched_shares(const std::vector<int64_t>& groups,
                                  const std::vector<int64_t>& clusters, int count) {
  std::vector<float> shares(count, 0);
  for (const int64_t group : groups) shares[group] += 1.F / static_cast<float>(groups.size());
  const std::vector<int64_t> matched = numbered_as(continued_clusters(groups, clusters, count));
  std::vector<float> result;
  for (const int64_t group : matched) result.push_back(shares[group]);
  return result;
}

std::vector<ClusterIdentity> continued_identities(const std::vector<ClusterIdentity>& identities,
                                                  const std::vector<int64_t>& earlier,
                                                  const std::vector<int64_t>& now, int clusters,
                                                  int next_id) {
  std::vector<int64_t> continued = continued_clusters(earlier, now, clusters);
  const std::set<int64_t> used(now.begin(), now.end());
  const std::set<int64_t> used_earlier(earlier.begin(), earlier.end());
  std::vector<int64_t> empty;
  for (int64_t place = 0; place < std::ssize(identities); ++place) {
    if (!earlier.empty() && !used_earlier.contains(place)) empty.push_back(place);
  }
  std::vector<ClusterIdentity> result;
  for (int64_t k = 0; k < clusters; ++k) {
    if (continued[k] < 0 && !used.contains(k) && !empty.empty()) {
      continued[k] = empty.front();
      empty.erase(empty.begin());
    }
    result.push_back(continued[k] >= 0 ? identities.at(continued[k]) : found_cluster(next_id++));
  }
  return result;
}

}  // namespace nolabel
