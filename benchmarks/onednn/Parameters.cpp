#include "Parameters.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace onednn {

namespace {

// An 8-byte length, a JSON header of name -> dtype, shape, byte range, then the bytes.
class Safetensors {
 public:
  explicit Safetensors(const std::string &path) : path(path) {
    std::ifstream file(path, std::ios::binary);
    uint64_t length = 0;
    file.read(reinterpret_cast<char *>(&length), sizeof length);
    std::string text(file ? length : 0, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    header = nlohmann::json::parse(text, nullptr, false);
    if (header.is_discarded())
      throw Unsupported(path + " is no safetensors file");
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }

  // Of `size` bytes of float32.
  char *find(const std::string &name, size_t size) {
    if (!header.contains(name))
      throw Unsupported("the weights file has no '" + name + "'");
    std::vector<size_t> range = header[name]["data_offsets"];
    if (header[name]["dtype"] != "F32" || range[1] - range[0] != size || range[1] > bytes.size())
      throw Unsupported(path + ": '" + name + "' is not " + std::to_string(size) +
                        " bytes of float32");
    return bytes.data() + range[0];
  }

 private:
  std::string path;
  nlohmann::json header;
  std::vector<char> bytes;
};

}  // namespace

Parameter Parameters::add(const std::string &name, const memory::desc &layout,
                          const memory::desc &keras, bool isTrainable) {
  auto unplaced = [&] { return memory(layout, engine(), nullptr); };
  Parameter parameter{unplaced(), isTrainable ? unplaced() : memory()};
  (isTrainable ? trainable : frozen).push_back({name, keras, parameter});
  return parameter;
}

void Parameters::allocate() {
  size_t bytes = 0;
  for (std::vector<Entry> *entries : {&trainable, &frozen}) {
    for (Entry &entry : *entries)
      bytes += Buffer::aligned(entry.parameter.value.get_desc().get_size());
    if (entries == &trainable)
      trainableBytes = bytes;
  }
  valueBuffer = Buffer(bytes);
  gradientBuffer = Buffer(trainableBytes);
  size_t next = 0;
  for (std::vector<Entry> *entries : {&trainable, &frozen})
    for (Entry &entry : *entries) {
      entry.parameter.value.set_data_handle(valueBuffer.bytes() + next);
      if (entries == &trainable)
        entry.parameter.gradient.set_data_handle(gradientBuffer.bytes() + next);
      next += Buffer::aligned(entry.parameter.value.get_desc().get_size());
    }
}

void Parameters::load(const std::string &path) {
  allocate();
  Safetensors file(path);
  for (std::vector<Entry> *entries : {&trainable, &frozen})
    for (Entry &entry : *entries) {
      memory stored(entry.keras, engine(), file.find(entry.name, entry.keras.get_size()));
      dnnl::reorder(stored, entry.parameter.value)
          .execute(stream(), stored, entry.parameter.value);
    }
}

}  // namespace onednn
