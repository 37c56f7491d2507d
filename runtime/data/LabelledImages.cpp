#include "data/LabelledImages.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "data/Findings.h"
#include "data/ImageFile.h"
#include "data/ImageLabels.h"
#include "data/Labels.h"
#include "data/Parallel.h"
#include "error.h"

namespace nncc::data {

namespace {

constexpr int64_t boxNumbers = 4;

struct Listing {
  std::string source, labelFile;
  LabelForm form;
  std::vector<ImageLabel> images;
  std::vector<std::string> classes;
  std::vector<uint8_t> parts;  // empty without splits

  std::string place(const ImageLabel &image) const { return labelFile + ":" + std::to_string(image.line); }
  int64_t classNumber(const std::string &name) const { return std::ranges::find(classes, name) - classes.begin(); }
};

// Rows of which `wrong` says what is wrong, if anything: the first is an error, or, where findings are asked for,
// all are told and left out.
void leaveOut(const ReaderInput &input, Listing &listing, const std::function<std::string(const ImageLabel &)> &wrong) {
  std::erase_if(listing.images, [&](const ImageLabel &image) {
    std::string what = wrong(image);
    if (what.empty()) return false;
    std::string error = listing.place(image) + ": " + what;
    if (!input.context.findings) throw UserError(error);
    input.context.findings->fault(error);
    return true;
  });
}

void requireFiles(const ReaderInput &input, Listing &listing) {
  std::error_code error;
  if (!std::filesystem::is_directory(listing.source, error))
    throw UserError(listing.source +
                    ": no such folder; check `path` in the model's `data` section and --data DIR, "
                    "where relative paths start");
  leaveOut(input, listing, [&](const ImageLabel &image) {
    if (std::filesystem::is_regular_file(std::filesystem::path(listing.source) / image.file, error))
      return std::string();
    return inQuotes(image.file) + " is no file in " + listing.source +
           "; is this the label file of another folder? Else put the image back or remove the row";
  });
}

void findClasses(const ReaderInput &input, Listing &listing) {
  listing.classes = input.items("classes");
  if (listing.classes.empty()) {
    std::set<std::string> found;
    for (const ImageLabel &image : listing.images) found.insert(image.classes.begin(), image.classes.end());
    listing.classes.assign(found.begin(), found.end());
    return;
  }
  std::string list;
  for (const std::string &name : listing.classes) {
    if (std::ranges::count(listing.classes, name) > 1)
      throw UserError(std::string(input.reader.kind) + ": the option `classes` names '" + name +
                      "' twice; leave one out");
    list += (list.empty() ? "" : ", ") + name;
  }
  leaveOut(input, listing, [&](const ImageLabel &image) {
    for (const std::string &name : image.classes)
      if (listing.classNumber(name) == static_cast<int64_t>(listing.classes.size()))
        return "class " + inQuotes(name) + " is not among the reader's `classes` (" + list +
               "); add it there or change the row";
    return std::string();
  });
}

// The first images of each class, where the option says how many.
void limitClasses(const ReaderInput &input, Listing &listing) {
  std::string limit = input.option("limit_per_class");
  if (limit.empty()) return;
  if (listing.form != LabelForm::Class)
    throw UserError(listing.labelFile +
                    ": `limit_per_class` counts the images of a class, but the file has not one class "
                    "an image; leave the option out");
  std::map<std::string, uint64_t> counts;
  std::erase_if(listing.images,
                [&](const ImageLabel &image) { return ++counts[image.classes[0]] > std::stoull(limit); });
}

Listing list(const ReaderInput &input) {
  std::filesystem::path labelFile = input.path("labels");
  ImageLabels labels = readImageLabels(labelFile);
  Listing listing{input.path().string(), labelFile.string(), labels.form, std::move(labels.images), {}, {}};
  if (listing.images.empty())
    throw UserError(listing.labelFile + ": there are no rows behind its header; label images first");
  std::ranges::sort(listing.images, {}, &ImageLabel::file);
  requireFiles(input, listing);
  findClasses(input, listing);
  limitClasses(input, listing);
  std::span<const Split> splits = input.context.splits;
  std::vector<std::string> known;
  if (listing.form == LabelForm::Class) known.push_back("class");
  std::vector<int> columns = groupColumns(splits, known, input.reader.kind);
  Parting parting(splits);
  if (parting.empty()) return listing;
  for (const ImageLabel &image : listing.images) {
    std::vector<std::string> groups;
    for (int column : columns) groups.push_back(column < 0 ? "" : image.classes[0]);
    parting.add(hashNumber(image.file), groups);
  }
  listing.parts = parting.parts();
  return listing;
}

bool isFloat(const NnccTensor &tensor) { return tensor.type == NNCC_F32 || tensor.type == NNCC_F64; }

// What the columns behind the image get.
class Targets {
 public:
  Targets(const ReaderInput &input, const Listing &listing, std::span<const NnccTensor> columns)
      : listing(listing), columns(columns) {
    for (size_t c = 1; c < columns.size(); ++c) {
      if (listing.form == LabelForm::Boxes && isFloat(columns[c]) && columns[c].rank == 1 &&
          columns[c].shape[0] == boxNumbers) {
        set(box, c);
      } else if (listing.form == LabelForm::Classes) {
        requirePlaces(columns[c]);
        set(label, c);
      } else {
        set(label, c);
        labels.emplace(columns[c], listing.classes.size(), listing.labelFile);
      }
    }
    if (box && !input.option("fit").empty() && input.option("fit") != "stretch")
      throw UserError(listing.labelFile + ": boxes are shares of the whole image, which `fit: " + input.option("fit") +
                      "` changes; expected fit: stretch");
  }

  bool hasBox() const { return box != 0; }

  // `own`: the image as it is in its file.
  void write(Dataset &dataset, int64_t index, const ImageFacts &own) const {
    const ImageLabel &image = listing.images[index];
    if (listing.form == LabelForm::Boxes && columns.size() > 1 && image.boxes.size() != 1)
      throw UserError(listing.place(image) + ": " + inQuotes(image.file) + " has " +
                      (image.boxes.empty() ? "no box" : std::to_string(image.boxes.size()) + " boxes") +
                      ", but the model's outputs tell of one; expected exactly one box an image");
    // Boxes that no target asks for are checked too: where they don't fit, the file is not of these images.
    for (const ImageBox &each : image.boxes) requireInside(each, own.width, own.height, listing.place(image));
    if (label && listing.form == LabelForm::Classes)
      writePlaces(columns[label], dataset.sample(static_cast<int>(label), index), image);
    else if (label)
      labels->write(dataset.sample(static_cast<int>(label), index), listing.classNumber(image.classes[0]));
    if (!box) return;
    const ImageBox &only = image.boxes[0];
    double width = static_cast<double>(own.width), height = static_cast<double>(own.height);
    std::byte *to = dataset.sample(static_cast<int>(box), index);
    for (double share : {only.x / width, only.y / height, only.width / width, only.height / height}) {
      writeNumber(columns[box].type, to, share);
      to += elementBytes(columns[box].type);
    }
  }

 private:
  void set(size_t &place, size_t column) const {
    if (place)
      throw UserError(listing.labelFile + " tells one target of the kind of '" + std::string(columns[place].name) +
                      "', but the model has '" + columns[column].name + "' of it too");
    place = column;
  }

  void requirePlaces(const NnccTensor &target) const {
    int64_t count = static_cast<int64_t>(listing.classes.size());
    if (isFloat(target) && target.rank == 1 && target.shape[0] == count) return;
    throw UserError(listing.labelFile + ": an image has any number of " + std::to_string(count) +
                    " classes, but the model's target '" + target.name + "' is " + typeName(target.type) + " " +
                    shapeText(target) + "; expected " + std::to_string(count) +
                    " units with activation sigmoid and the loss binary_crossentropy");
  }

  void writePlaces(const NnccTensor &target, std::byte *to, const ImageLabel &image) const {
    for (const std::string &name : listing.classes) {
      writeNumber(target.type, to, std::ranges::find(image.classes, name) != image.classes.end());
      to += elementBytes(target.type);
    }
  }

  const Listing &listing;
  std::span<const NnccTensor> columns;
  size_t label = 0, box = 0;  // columns; 0: none
  std::optional<LabelWriter> labels;
};

}  // namespace

PartedDataset openLabelled(const ReaderInput &input, std::span<const NnccTensor> columns, int threads,
                           const ReadProgress &progress) {
  requireImageColumns(input.reader.kind, columns.first(std::min<size_t>(columns.size(), 1)));
  Listing listing = list(input);
  Targets targets(input, listing, columns);
  Resizing resizing = resizingOf(input);
  Dataset dataset(listing.source, columns, static_cast<int64_t>(listing.images.size()));
  FileNames files;
  int folder = files.addFolder(listing.source);
  int64_t characters = 0;
  for (const ImageLabel &image : listing.images) characters += static_cast<int64_t>(image.file.size());
  files.reserve(dataset.size(), characters);
  for (const ImageLabel &image : listing.images) files.add(folder, image.file);
  auto makeBody = [&] {
    return [&, decoder = std::make_shared<ImageDecoder>(columns[0], resizing)](int64_t i) {
      Findings *findings = input.context.findings;
      std::string file = files[i];
      bool good = attempt(findings, i, [&] {
        decoder->decode(file, dataset.sample(0, i));
        targets.write(dataset, i, decoder->facts());
      });
      if (good && findings) findings->image(file, decoder->facts());
    };
  };
  parallelFor(dataset.size(), threads, makeBody, progress);
  dataset.setClassNames(std::move(listing.classes));
  dataset.setFileNames(std::move(files));
  if (targets.hasBox()) dataset.setPlaced();
  return {std::move(dataset), std::move(listing.parts)};
}

std::vector<int64_t> countLabelled(const ReaderInput &input) {
  Listing listing = list(input);
  if (listing.parts.empty()) return {static_cast<int64_t>(listing.images.size())};
  return countsOf(listing.parts, input.context.splits.size());
}

}  // namespace nncc::data
