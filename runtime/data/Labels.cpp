#include "data/Labels.h"

#include <cstring>

#include "data/Dataset.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

LabelWriter::LabelWriter(const NnccTensor &target, int64_t classes, const std::string &source)
    : type(target.type), places(target.rank == 1 ? target.shape[0] : 1) {
  bool number = target.type == NNCC_I32 && target.rank == 0;
  bool row = (target.type == NNCC_F32 || target.type == NNCC_F64) && target.rank <= 1;
  if (!number && !row)
    throw UserError(source + " gives class labels, i32 [], but the model's target '" +
                    target.name + "' is " + typeName(target.type) + " " + shapeText(target));
  if (number) return;
  int64_t room = places == 1 ? 2 : places;
  if (classes != room)
    throw UserError(source + " gives " + std::to_string(classes) +
                    (classes == 1 ? " class" : " classes") + ", but the model's target '" +
                    target.name + "', " + typeName(target.type) + " " + shapeText(target) +
                    ", is for " + std::to_string(room) +
                    "; change the model's last layer or its loss");
}

void LabelWriter::write(std::byte *to, int64_t label) const {
  if (type == NNCC_I32) {
    int32_t value = static_cast<int32_t>(label);
    std::memcpy(to, &value, sizeof value);
  } else if (places == 1) {
    writeNumber(type, to, static_cast<double>(label));
  } else {
    for (int64_t i = 0; i < places; ++i, to += elementBytes(type))
      writeNumber(type, to, i == label);
  }
}

void writeNumber(int32_t type, std::byte *to, double value) {
  if (type == NNCC_F64) {
    std::memcpy(to, &value, sizeof value);
  } else {
    float narrow = static_cast<float>(value);
    std::memcpy(to, &narrow, sizeof narrow);
  }
}

}  // namespace nncc::data
