// Writes the TorchScript programs that the end-to-end tests give to nolabel: `write_programs
// FOLDER`. Those tests are not linked with LibTorch, so that they see nolabel as a user does.
#include "nolabel/model/program_testing.h"

int main(int, char** arguments) {
  using nolabel::testing_programs::write_program;
  const std::filesystem::path folder = arguments[1];
  write_program(folder / "net.pt");
  write_program(folder / "other.pt", "def forward(self, x):\n    return x.flatten(1)[:, :7]\n");
  write_program(folder / "tuple.pt", "def forward(self, x):\n    return (x, x)\n");
  write_program(folder / "odd.pt",
                "def forward(self, x):\n"
                "    assert x.size(2) == 64, \"views of 64 pixels\"\n"
                "    return x.mean([2, 3])\n");
  write_program(folder / "prints.pt",
                "def forward(self, x):\n"
                "    print(\"I am here\")\n"
                "    return x.mean([2, 3])\n");
}
