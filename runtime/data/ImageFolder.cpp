// image_folder: one folder a class, JPEG, PNG, PGM or PPM images in it.
//
//   path: cifar10/train      relative to the data folder
//   resize: true             see ImageFile.h, with `fit`; else all have the size of the input
//   classes: [cat, dog]      these class folders, labels in this order; without it all of them
//   limit_per_class: 200     the first files of each class only
//   labels: labels.csv       no class folders: what images there are, and their labels (LabelledImages.h)
//
// Splits go by CLASS/FILE, so that a file keeps its side wherever the folder is, or by the `class` or the `file`, which
// is CLASS/FILE.
//
// Labels count the class folders by name, samples come class by class and by file name, both
// in byte order. Names that start with a dot are passed over, and so are files beside the
// class folders; anything else that is no image is an error.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "data/ClassFolders.h"
#include "data/Findings.h"
#include "data/ImageFile.h"
#include "data/InputFile.h"
#include "data/LabelledImages.h"
#include "data/Labels.h"
#include "data/Parallel.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

namespace {

struct Listing {
  std::string source;
  std::vector<std::string> classes;
  FileNames files;
  std::vector<uint8_t> parts;  // empty without splits
};

Listing list(const ReaderInput &input) {
  std::span<const Split> splits = input.context.splits;
  static const std::string known[] = {"class", "file"};
  std::vector<int> columns = groupColumns(splits, known, imageFolderReader.kind);
  Parting parting(splits);
  std::filesystem::path path = input.path();
  Listing listing;
  listing.source = path.string();
  // All names are known before the first is stored, so that they are stored without slack.
  std::vector<std::vector<FolderEntry>> folders;
  int64_t files = 0, characters = 0;
  for (FolderEntry &entry : classFolders(input, path)) {
    folders.push_back(classEntries(input, path / entry.name, FolderEntry::File, "an image file"));
    for (const FolderEntry &file : folders.back()) characters += file.name.size();
    files += folders.back().size();
    listing.classes.push_back(std::move(entry.name));
  }
  if (folders.empty())
    throw UserError(path.string() + ": no class folders in it; image_folder expects one folder "
                                    "a class with the images in it");
  listing.files.reserve(files, characters);
  for (size_t i = 0; i < folders.size(); ++i) {
    int number = listing.files.addFolder((path / listing.classes[i]).string());
    for (const FolderEntry &file : folders[i]) listing.files.add(number, file.name);
    if (!parting.empty()) {
      for (const FolderEntry &file : folders[i]) {
        std::string name = listing.classes[i] + "/" + file.name;
        std::vector<std::string> groups;
        for (int column : columns) groups.push_back(column < 0 ? "" : column == 0 ? listing.classes[i] : name);
        parting.add(hashNumber(name), std::move(groups));
      }
    }
    std::exchange(folders[i], {});
  }
  listing.parts = parting.parts();
  return listing;
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int threads,
             const ReadProgress &progress) {
  if (!input.option("labels").empty()) return openLabelled(input, columns, threads, progress);
  requireImageColumns(imageFolderReader.kind, columns);
  Listing listing = list(input);
  std::optional<LabelWriter> labels;
  if (columns.size() > 1)
    labels.emplace(columns[1], listing.classes.size(), imageFolderReader.kind);
  Resizing resizing = resizingOf(input);
  Dataset dataset(listing.source, columns, listing.files.size());
  auto makeBody = [&] {
    return [&, decoder = std::make_shared<ImageDecoder>(columns[0], resizing)](int64_t i) {
      Findings *findings = input.context.findings;
      std::string file = listing.files[i];
      if (!attempt(findings, i, [&] { decoder->decode(file, dataset.sample(0, i)); })) return;
      if (findings) findings->image(file, decoder->facts());
      if (labels) labels->write(dataset.sample(1, i), listing.files.folderOf(i));
    };
  };
  parallelFor(dataset.size(), threads, makeBody, progress);
  dataset.setClassNames(std::move(listing.classes));
  dataset.setFileNames(std::move(listing.files));
  return {std::move(dataset), std::move(listing.parts)};
}

std::vector<int64_t> count(const ReaderInput &input) {
  if (!input.option("labels").empty()) return countLabelled(input);
  Listing listing = list(input);
  if (listing.parts.empty()) return {listing.files.size()};
  return countsOf(listing.parts, input.context.splits.size());
}

}  // namespace

const ReaderEntry imageFolderReader = {"image_folder", open, count};

}  // namespace nncc::data
