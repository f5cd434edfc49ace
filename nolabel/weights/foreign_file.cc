#include "nolabel/weights/foreign_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "nolabel/base/format.h"

namespace nolabel {
namespace {

using namespace std::string_view_literals;

struct Signature {
  size_t position;
  std::string_view bytes;
  std::string_view what;
};

constexpr auto needs_pytorch =
    "save the network's state_dict() with PyTorch, or as safetensors, and give that file"sv;

// Files that are known by some bytes of theirs.
constexpr std::array signatures = {
    Signature{0, "\x89PNG", "a picture (PNG)"},
    Signature{0, "\xFF\xD8\xFF", "a picture (JPEG)"},
    Signature{0, "GIF8", "a picture (GIF)"},
    Signature{8, "WEBP", "a picture (WebP)"},
    Signature{0, "II*\0"sv, "a picture (TIFF)"},
    Signature{0, "MM\0*"sv, "a picture (TIFF)"},
    Signature{0, "BM", "a picture (BMP)"},
    Signature{0, "%PDF", "a PDF document"},
    Signature{0, "\x89HDF\r\n\x1A\n", "an HDF5 file, as Keras writes them"},
    Signature{0, "GGUF", "a GGUF file, as language models come in"},
    Signature{4, "TFL3", "a TensorFlow Lite model"},
    Signature{0, "\x93NUMPY", "a NumPy array"},
    Signature{0,
              "\x7F"
              "ELF",
              "a program"},
};

// Files that must be unpacked first.
constexpr std::array archives = {
    Signature{0, "\x1F\x8B", "gzip"},
    Signature{0, "BZh", "bzip2"},
    Signature{0,
              "\xFD"
              "7zXZ",
              "xz"},
    Signature{0, "\x28\xB5\x2F\xFD", "zstd"},
    Signature{0, "7z\xBC\xAF", "7z"},
    Signature{0, "Rar!", "RAR"},
    Signature{257, "ustar", "tar"},
};

bool has(std::string_view text, const Signature& signature) {
  return text.size() >= signature.position + signature.bytes.size() &&
         text.substr(signature.position, signature.bytes.size()) == signature.bytes;
}

// The first non-blank bytes in lower case, without a byte order mark.
std::string beginning(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  std::string result(text.substr(begin, 200));
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// The end of LevelDB's table format, in which TensorFlow keeps .index files and old checkpoints.
bool is_tensorflow_table(std::string_view text) {
  return text.ends_with("\x57\xFB\x80\x8B\x24\x75\x47\xDB");
}

// ONNX is a protobuf message: ir_version (field 1), then the producer's name (field 2) or the
// graph, which names operators.
bool is_onnx(std::string_view text) {
  return text.size() > 16 && text[0] == 8 && text[1] > 0 && text[1] < 32 &&
         (text[2] == 0x12 || text[2] == 0x3A || text[2] == 0x42);
}

std::string describe_text(std::string_view text, const std::string& start) {
  if (start.starts_with("version https://git-lfs")) {
    return format("it is a Git LFS pointer of {} bytes; fetch the real file with git lfs pull",
                  text.size());
  }
  if (start.starts_with("<!doctype html") || start.starts_with("<html") ||
      start.find("<html") != std::string::npos) {
    return "it is a web page (HTML), perhaps a download that asked for a login; download the file "
           "itself";
  }
  if (start.starts_with("<?xml") || start.starts_with("<error")) {
    return "it is an XML text, perhaps the error of a download; look into it and download again";
  }
  if (start.starts_with('{') || start.starts_with('[')) {
    if (text.find("\"weight_map\"") != std::string_view::npos) {
      return "it is the index of weights that lie in several files; give a file with all of them";
    }
    return "it is a JSON text, perhaps the error of a download; look into it and download again";
  }
  return "";
}

// "80 02 63 …"
std::string first_bytes(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (const char c : text.substr(0, 8)) {
    const auto byte = static_cast<unsigned char>(c);
    if (!result.empty()) result += ' ';
    result += digits[byte >> 4];
    result += digits[byte & 15];
  }
  return result;
}

}  // namespace

std::string describe_foreign_file(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  if (text.empty()) return "it is empty; download or copy it again";
  if (std::string found = describe_text(text, beginning(text.substr(0, 4096))); !found.empty()) {
    return found;
  }
  for (const Signature& archive : archives) {
    if (has(text, archive)) return format("it is a {} archive; unpack it first", archive.what);
  }
  for (const Signature& signature : signatures) {
    if (has(text, signature)) return format("it is {}; {}", signature.what, needs_pytorch);
  }
  if (is_tensorflow_table(text)) {
    return format("it is a checkpoint of TensorFlow; {}", needs_pytorch);
  }
  if (is_onnx(text)) return format("it is an ONNX model; {}", needs_pytorch);
  if (std::ranges::all_of(bytes.first(std::min<size_t>(bytes.size(), 4096)),
                          [](std::byte b) { return b == std::byte{0}; })) {
    return "it begins with nothing but zeros, as an interrupted download does; download it again";
  }
  return format(
      "it is neither a PyTorch file nor TorchScript nor safetensors (it begins with the bytes {}); "
      "{}",
      first_bytes(text), needs_pytorch);
}

std::string describe_foreign_zip(const std::vector<std::string>& names) {
  const auto any = [&](std::string_view end) {
    return std::ranges::any_of(names, [&](const std::string& name) { return name.ends_with(end); });
  };
  if (any(".npy")) {
    return format("it is an archive of NumPy arrays (.npz); {}", needs_pytorch);
  }
  if (any("model.weights.h5")) return format("it is a Keras model; {}", needs_pytorch);
  if (any("/archive_format") && any("/models/model.json")) {
    return "torch.export wrote it; write the network with torch.jit.save instead, and give "
           "--run-program with it";
  }
  for (const char* inner : {".pth", ".pt", ".safetensors", ".pth.tar", ".ckpt"}) {
    if (any(inner)) return "it is a zip archive that holds a file of weights; unpack it first";
  }
  return format("it is a zip archive, but not one of PyTorch's (its first entry is {}); {}",
                names.empty() ? "missing" : names.front(), needs_pytorch);
}

}  // namespace nolabel
