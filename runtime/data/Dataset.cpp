#include "data/Dataset.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <set>
#include <stdexcept>
#include <utility>

#include "error.h"

namespace nncc::data {

int64_t elementBytes(int32_t type) {
  switch (type) {
    case NNCC_U8: return 1;
    case NNCC_I32: return 4;
    case NNCC_I64: return 8;
    case NNCC_F32: return 4;
    case NNCC_F64: return 8;
  }
  throw std::invalid_argument("unknown element type " + std::to_string(type));
}

int64_t sampleBytes(const NnccTensor &tensor) {
  int64_t bytes = elementBytes(tensor.type);
  for (int32_t i = 0; i < tensor.rank; ++i) bytes *= tensor.shape[i];
  return bytes;
}

std::string shapeText(const NnccTensor &tensor) {
  std::string text = "[";
  for (int32_t i = 0; i < tensor.rank; ++i)
    text += (i ? ", " : "") + std::to_string(tensor.shape[i]);
  return text + "]";
}

bool isLengths(const NnccTensor &tensor) {
  return std::string_view(tensor.name).ends_with(kLengthsSuffix) && tensor.type == NNCC_I32 &&
         tensor.rank == 0;
}

bool isClassNumber(const NnccTensor &tensor) {
  return tensor.type == NNCC_I32 && tensor.rank == 0 && !isLengths(tensor);
}

bool isPresence(const NnccTensor &tensor) {
  return std::string_view(tensor.name).ends_with(kPresentSuffix) && tensor.type != NNCC_I32 && tensor.rank == 0;
}

int FileNames::addFolder(std::string path) {
  folders.push_back(std::move(path));
  return static_cast<int>(folders.size()) - 1;
}

void FileNames::reserve(int64_t files, int64_t nameBytes) {
  entries.reserve(files);
  characters.reserve(nameBytes);
}

void FileNames::add(int folder, std::string_view name) {
  characters += name;
  entries.push_back({static_cast<uint32_t>(folder), characters.size()});
}

std::string FileNames::operator[](int64_t index) const {
  size_t begin = index ? entries[index - 1].end : 0;
  return folders[entries[index].folder] + "/" +
         characters.substr(begin, entries[index].end - begin);
}

int64_t FileNames::bytes() const {
  size_t bytes = entries.size() * sizeof(Entry) + characters.size();
  for (const std::string &folder : folders) bytes += sizeof(folder) + folder.size();
  return static_cast<int64_t>(bytes);
}

void Dataset::Free::operator()(std::byte *data) const {
  ::operator delete[](data, std::align_val_t{NNCC_ALIGNMENT});
}

Dataset::Dataset(std::string source, std::span<const NnccTensor> columns, int64_t samples,
                 std::vector<std::shared_ptr<std::byte[]>> given)
    : sourceText(std::move(source)), samples(samples) {
  for (size_t i = 0; i < columns.size(); ++i)
    blocks.push_back({data::sampleBytes(columns[i]), samples, roleOf(columns[i]), std::move(given[i])});
}

Dataset::Role Dataset::roleOf(const NnccTensor &column) {
  if (isLengths(column)) return Lengths;
  return isClassNumber(column) ? Label : Values;
}

Dataset::Dataset(std::string source, std::span<const NnccTensor> columns, int64_t samples)
    : sourceText(std::move(source)), samples(samples) {
  for (const NnccTensor &column : columns) {
    int64_t size = data::sampleBytes(column), total;
    void *memory = nullptr;
    if (!__builtin_mul_overflow(size, samples, &total))
      memory = ::operator new[](std::max<int64_t>(total, 1), std::align_val_t{NNCC_ALIGNMENT},
                                std::nothrow);
    if (!memory)
      throw UserError(sourceText + ": not enough memory for " + std::to_string(samples) +
                      " samples of '" + column.name + "' (" + std::to_string(size) +
                      " bytes each); use fewer or smaller samples");
    blocks.push_back({size, samples, roleOf(column),
                      std::shared_ptr<std::byte[]>(static_cast<std::byte *>(memory), Free())});
  }
}

std::string Dataset::fileName(int64_t index) const {
  return files && number(index) < files->size() ? (*files)[number(index)] : std::string();
}

Dataset Dataset::subset(std::vector<uint32_t> chosen) const {
  Dataset part = *this;
  for (Block &block : part.blocks) {
    if (!block.isPicked) continue;
    std::vector<uint32_t> own;
    for (uint32_t index : chosen) own.push_back(block.numbers[index]);
    block.numbers = std::move(own);
  }
  if (isSubset)
    for (uint32_t &number : chosen) number = numbers[number];
  part.isSubset = true;
  part.numbers = std::move(chosen);
  part.samples = static_cast<int64_t>(part.numbers.size());
  part.warningTexts.clear();
  return part;
}

Dataset Dataset::joined(std::string source, std::vector<Picked> columns) {
  Dataset joined;
  joined.sourceText = std::move(source);
  joined.samples = static_cast<int64_t>(columns.front().numbers.size());
  for (Picked &picked : columns) {
    const Block &from = picked.from->blocks[picked.column];
    Block block = from;
    block.isPicked = true;
    block.numbers = std::move(picked.numbers);
    for (uint32_t &number : block.numbers)
      number = static_cast<uint32_t>(picked.from->number(from, number));
    joined.blocks.push_back(std::move(block));
  }
  return joined;
}

int Dataset::columnOf(Role role, bool last) const {
  int found = -1;
  for (int c = 0; c < columns() && (last || found < 0); ++c)
    if (blocks[c].role == role) found = c;
  return found;
}

std::string Dataset::place(int64_t index) const {
  if (std::string file = fileName(index); !file.empty()) return file;
  return line(index) ? source() + ":" + std::to_string(line(index)) : source();
}

int32_t Dataset::integer(int column, int64_t index) const {
  int32_t value;
  std::memcpy(&value, sample(column, index), sizeof value);
  return value;
}

int64_t Dataset::bytes() const {
  int64_t bytes = (files ? files->bytes() : 0) + numbers.size() * sizeof(uint32_t) +
                  (lines ? lines->size() * sizeof(uint32_t) : 0);
  std::set<const std::byte *> counted;  // columns may share their samples
  for (const Block &block : blocks) {
    if (counted.insert(block.data.get()).second) bytes += block.sampleBytes * block.stored;
    bytes += static_cast<int64_t>(block.numbers.size() * sizeof(uint32_t));
  }
  for (const std::string &name : classes) bytes += sizeof(name) + name.size();
  return bytes;
}

namespace {

std::string quotedList(const std::vector<std::string> &names) {
  constexpr size_t shown = 12;
  std::string text;
  for (size_t i = 0; i < names.size() && i < shown; ++i)
    text += (i ? ", '" : "'") + names[i] + "'";
  if (names.size() > shown) text += ", ... (" + std::to_string(names.size()) + " in all)";
  return text;
}

}  // namespace

void requireClassCount(const Dataset &dataset, int64_t expected, std::string_view what) {
  int64_t found = static_cast<int64_t>(dataset.classNames().size());
  if (found == expected) return;
  throw UserError(dataset.source() + ": found " + std::to_string(found) +
                  (found == 1 ? " class (" : " classes (") + quotedList(dataset.classNames()) +
                  "), but " + std::string(what) + " expects " + std::to_string(expected) +
                  "; add or remove classes, or change the model's last layer");
}

void requireSameClasses(const Dataset &train, const Dataset &other) {
  const auto &wanted = train.classNames(), &found = other.classNames();
  if (wanted == found) return;
  std::vector<std::string> missing, extra;
  for (const std::string &name : wanted)
    if (std::find(found.begin(), found.end(), name) == found.end()) missing.push_back(name);
  for (const std::string &name : found)
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) extra.push_back(name);
  std::string text = other.source() + ": its classes differ from those of " + train.source();
  if (!missing.empty()) text += "; missing: " + quotedList(missing);
  if (!extra.empty()) text += "; only here: " + quotedList(extra);
  if (missing.empty() && extra.empty()) text += " in their order: " + quotedList(found);
  throw UserError(text + "; labels are numbers in class order, so both need the same classes");
}

}  // namespace nncc::data
