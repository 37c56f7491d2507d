#include "Parameters.h"

#include "Safetensors.h"

namespace onednn {

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
      Safetensors::Tensor tensor = file.find(entry.name);
      if (tensor.dtype != "F32" || tensor.bytes.size() != entry.keras.get_size())
        throw Unsupported(path + ": '" + entry.name + "' is not " + std::to_string(entry.keras.get_size()) +
                          " bytes of float32");
      memory stored(entry.keras, engine(), tensor.bytes.data());
      dnnl::reorder(stored, entry.parameter.value)
          .execute(stream(), stored, entry.parameter.value);
    }
}

}  // namespace onednn
