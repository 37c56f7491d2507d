// image_folder: one folder a class, JPEG, PNG, PGM or PPM images in it.
//
//   path: cifar10/train      relative to the data folder
//   resize: true             see ImageFile.h, with `fit`; else all have the size of the input
//   classes: [cat, dog]      these class folders, labels in this order; without it all of them
//   limit_per_class: 200     the first files of each class only
//
// Splits go by CLASS/FILE, so that a file keeps its side wherever the folder is.
//
// Labels count the class folders by name, samples come class by class and by file name, both
// in byte order. Names that start with a dot are passed over, and so are files beside the
// class folders; anything else that is no image is an error.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "data/ImageFile.h"
#include "data/InputFile.h"
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

// The class folders that the options ask for, in the order of their labels.
std::vector<FolderEntry> classFolders(const ReaderInput &input, const std::filesystem::path &path) {
  std::vector<FolderEntry> all = listFolder(path), chosen;
  std::erase_if(all, [](const FolderEntry &entry) { return entry.kind != FolderEntry::Folder; });
  std::vector<std::string> wanted = listItems(input.option("classes"));
  if (wanted.empty()) return all;
  for (const std::string &name : wanted) {
    auto found = std::ranges::find(all, name, &FolderEntry::name);
    if (found == all.end()) {
      std::string known;
      for (const FolderEntry &entry : all) known += (known.empty() ? "" : ", ") + entry.name;
      throw UserError(path.string() + ": no class folder '" + name + "' in it, which the option "
                      "`classes` names; there " + (all.empty() ? "are none" : "are: " + known));
    }
    if (std::ranges::find(chosen, name, &FolderEntry::name) != chosen.end())
      throw UserError("image_folder: the option `classes` names '" + name + "' twice; leave one out");
    chosen.push_back(*found);
  }
  return chosen;
}

Listing list(const ReaderInput &input) {
  requireNoGroups(input.context.splits, imageFolderReader.kind);
  std::filesystem::path path = input.path();
  Listing listing;
  listing.source = path.string();
  // All names are known before the first is stored, so that they are stored without slack.
  std::vector<std::vector<FolderEntry>> folders;
  int64_t files = 0, characters = 0;
  std::string limit = input.option("limit_per_class");
  size_t most = limit.empty() ? SIZE_MAX : std::stoull(limit);
  for (FolderEntry &entry : classFolders(input, path)) {
    std::filesystem::path folder = path / entry.name;
    folders.push_back(listFolder(folder));
    if (folders.back().size() > most) folders.back().resize(most);
    for (const FolderEntry &file : folders.back()) {
      if (file.kind != FolderEntry::File)
        throw UserError((folder / file.name).string() +
                        ": expected an image file in a class folder, found " +
                        (file.kind == FolderEntry::Folder ? "a folder" : "no regular file") +
                        "; image_folder takes one level of class folders with images in them");
      characters += file.name.size();
    }
    if (folders.back().empty())
      throw UserError(folder.string() + ": the class folder is empty; put images into it or "
                                        "remove it");
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
    if (!input.context.splits.empty())
      for (const FolderEntry &file : folders[i])
        listing.parts.push_back(static_cast<uint8_t>(
            partByHash(input.context.splits, hashNumber(listing.classes[i] + "/" + file.name))));
    std::exchange(folders[i], {});
  }
  return listing;
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int threads,
             const ReadProgress &progress) {
  requireImageColumns(imageFolderReader.kind, columns);
  Listing listing = list(input);
  std::optional<LabelWriter> labels;
  if (columns.size() > 1)
    labels.emplace(columns[1], listing.classes.size(), imageFolderReader.kind);
  Resizing resizing = resizingOf(input);
  Dataset dataset(listing.source, columns, listing.files.size());
  auto makeBody = [&] {
    return [&, decoder = std::make_shared<ImageDecoder>(columns[0], resizing)](int64_t i) {
      decoder->decode(listing.files[i], dataset.sample(0, i));
      if (labels) labels->write(dataset.sample(1, i), listing.files.folderOf(i));
    };
  };
  parallelFor(dataset.size(), threads, makeBody, progress);
  dataset.setClassNames(std::move(listing.classes));
  dataset.setFileNames(std::move(listing.files));
  return {std::move(dataset), std::move(listing.parts)};
}

std::vector<int64_t> count(const ReaderInput &input) {
  Listing listing = list(input);
  if (listing.parts.empty()) return {listing.files.size()};
  return countsOf(listing.parts, input.context.splits.size());
}

}  // namespace

const ReaderEntry imageFolderReader = {"image_folder", open, count};

}  // namespace nncc::data
