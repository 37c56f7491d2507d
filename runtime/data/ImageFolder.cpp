// image_folder: one folder a class, JPEG or PNG images in it.
//
//   path: cifar10/train      relative to the data folder
//
// Labels count the class folders by name, samples come class by class and by file name, both
// in byte order. Names that start with a dot are passed over, and so are files beside the
// class folders; anything else that is no image is an error.
#include <cstring>
#include <utility>

#include "data/ImageFile.h"
#include "data/InputFile.h"
#include "data/Parallel.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

namespace {

struct Listing {
  std::string source;
  std::vector<std::string> classes;
  FileNames files;
};

Listing list(const ReaderInput &input) {
  std::filesystem::path path = input.path();
  Listing listing;
  listing.source = path.string();
  // All names are known before the first is stored, so that they are stored without slack.
  std::vector<std::vector<FolderEntry>> folders;
  int64_t files = 0, characters = 0;
  for (FolderEntry &entry : listFolder(path)) {
    if (entry.kind != FolderEntry::Folder) continue;
    std::filesystem::path folder = path / entry.name;
    folders.push_back(listFolder(folder));
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
    std::exchange(folders[i], {});
  }
  return listing;
}

Dataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int threads,
             const ReadProgress &progress) {
  requireImageColumns(imageFolderReader.kind, columns);
  Listing listing = list(input);
  Dataset dataset(listing.source, columns, listing.files.size());
  auto makeBody = [&] {
    return [&, decoder = std::make_shared<ImageDecoder>(columns[0])](int64_t i) {
      decoder->decode(listing.files[i], dataset.sample(0, i));
      int32_t label = listing.files.folderOf(i);
      if (dataset.columns() > 1) std::memcpy(dataset.sample(1, i), &label, sizeof label);
    };
  };
  parallelFor(dataset.size(), threads, makeBody, progress);
  dataset.setClassNames(std::move(listing.classes));
  dataset.setFileNames(std::move(listing.files));
  return dataset;
}

int64_t count(const ReaderInput &input) { return list(input).files.size(); }

}  // namespace

const ReaderEntry imageFolderReader = {"image_folder", open, count};

}  // namespace nncc::data
