// Every command of the program, one row each, in the order of the overview.
#include "cli/frame/command.h"

namespace nolabel::cli {

int run_cluster(CommandLine& line);
int run_update(CommandLine& line);
int run_predict(CommandLine& line);
int run_open(CommandLine& line);
int run_apply(CommandLine& line);
int run_undo(CommandLine& line);
int run_edits(CommandLine& line);
int run_export(CommandLine& line);
int run_simclr(CommandLine& line);
int run_moco(CommandLine& line);
int run_mine_command(CommandLine& line);
int run_scan_command(CommandLine& line);
int run_selflabel_command(CommandLine& line);
int run_eval(CommandLine& line);
int run_repeat(CommandLine& line);
int run_report(CommandLine& line);
int run_convert(CommandLine& line);
int run_views(CommandLine& line);
int run_inspect(CommandLine& line);
int run_backbone(CommandLine& line);
int run_cache(CommandLine& line);
int run_zoo(CommandLine& line);
int run_settings(CommandLine& line);
int run_doctor(CommandLine& line);

std::span<const Command> commands() {
  using enum CommandGroup;
  static constexpr auto checkpointed = Command{}.at_interrupt;
  static constexpr Command table[] = {
      {"cluster", photos, "groups images into clusters and writes a report, in one command",
       "nolabel cluster photos/ --clusters 10 --out run", run_cluster, checkpointed, true},
      {"update", photos, "takes new, moved and removed images of a run's folders into the run",
       "nolabel update run", run_update,
       "the run is as it was or up to date; run the same command again"},
      {"predict", photos, "assigns new images to the clusters of a trained model",
       "nolabel predict run new-photos/ --out clusters.csv", run_predict, checkpointed, true},
      {"open", photos, "shows a run in a browser, where its clusters can be corrected",
       "nolabel open run", run_open,
       "nolabel ends the page, and the run's model and report follow the edits"},
      {"apply", photos, "applies a person's corrections: names, merges, splits, moves, junk",
       "nolabel apply run edits.json", run_apply},
      {"undo", photos, "takes the last corrections back", "nolabel undo run", run_undo},
      {"edits", photos, "lists the corrections that are in force", "nolabel edits run", run_edits},
      {"export", photos, "writes the clusters as folders, a table, or for other programs",
       "nolabel export run sorted --format folders", run_export},
      {"simclr", stages, "trains a backbone on unlabelled images (the pretext task)",
       "nolabel simclr photos/ --out run --image-size 96 --epochs 200", run_simclr, checkpointed,
       true},
      {"moco", stages, "imports a MoCo v2 backbone as the pretext model and mines neighbors",
       "nolabel moco moco_v2_800ep_pretrain.pth.tar photos/ --out run", run_moco, checkpointed,
       true},
      {"mine", stages, "finds the nearest neighbors of every image", "nolabel mine --out run",
       run_mine_command, checkpointed, true},
      {"scan", stages, "trains cluster heads so that an image agrees with its neighbors",
       "nolabel scan --out run --num-classes 10", run_scan_command, checkpointed, true},
      {"selflabel", stages, "trains the SCAN model further on its own confident predictions",
       "nolabel selflabel --out run", run_selflabel_command, checkpointed, true},
      {"eval", stages, "measures a run's model, with and without labels",
       "nolabel eval --out run --json eval.json", run_eval, checkpointed, true},
      {"repeat", stages, "runs a recipe with several seeds and prints mean and standard deviation",
       "nolabel repeat configs/scan/scan_cifar10.yml --seeds 10 --config_env configs/env.yml",
       run_repeat},
      {"report", looking, "writes the report and the assignments of a run again",
       "nolabel report --out run", run_report},
      {"views", looking, "shows what a view recipe does to a picture",
       "nolabel views cat.jpg --recipe ours --out sheet.png", run_views},
      {"inspect", looking, "lists what is in a weights file, an .npy file or a run directory",
       "nolabel inspect run/scan/model.pth.tar", run_inspect},
      {"convert", looking, "writes weights in another file format",
       "nolabel convert run backbone.safetensors --half", run_convert},
      {"backbone", looking, "lists, fetches and checks backbones that other people have published",
       "nolabel backbone get dinov2-s14", run_backbone},
      {"cache", looking, "lists and prunes features and decoded images that runs share",
       "nolabel cache prune --keep 1000", run_cache},
      {"zoo", looking, "lists, fetches and checks the weights that come with nolabel",
       "nolabel zoo get starter --out weights", run_zoo},
      {"settings", looking, "lists every setting with its default, meaning and range",
       "nolabel settings scan", run_settings},
      {"doctor", looking, "checks what this machine can do for nolabel",
       "nolabel doctor --json doctor.json", run_doctor,
       "nolabel stops when it has measured this machine", true},
  };
  return table;
}

}  // namespace nolabel::cli
