// `open`: a person looks at a run in a browser on this machine and corrects its clusters.
#pragma once

#include <functional>
#include <string>

#include "nolabel/pipeline/edit_call.h"

namespace nolabel {

struct OpenRequest {
  EditRequest edit;  // of it the run, and how it computes
  int port = 0;      // 0: any free one
  // Called with the address of the page when it can be opened.
  std::function<void(const std::string& url)> opened;
};
void declare(SettingTables& tables, OpenRequest& request);

// Serves the run's report with its editor (serve/local_server.h) until observer.cancel is used.
// Each document of edits is kept in the run's edit-log.json at once. At the end the model,
// assignments.csv and the report follow, as after apply_edits(); what is in force is returned.
// Throws Error as apply_edits(), and Error(Fault::system) when the port cannot be had.
EditOutcome open_run(SettingTables& tables, OpenRequest& request, const Observer& observer);

}  // namespace nolabel
