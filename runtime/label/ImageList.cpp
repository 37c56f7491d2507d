#include "label/ImageList.h"

#include <algorithm>

#include "data/ImageFile.h"
#include "data/InputFile.h"
#include "error.h"

namespace nncc::label {

namespace fs = std::filesystem;

ImageList::ImageList(const fs::path &folder) {
  std::error_code error;
  root = fs::canonical(folder, error);
  if (error) throw UserError(folder.string() + ": " + error.message() + "; expected a folder of images");
  if (!fs::is_directory(root, error)) throw UserError(folder.string() + ": expected a folder of images, found a file");
  add("");
  std::ranges::sort(names);
  if (!names.empty()) return;
  throw UserError(
      folder.string() + ": no image in it; expected JPEG, PNG, PGM or PPM files, in it or in its folders" +
      (outside ? " (" + std::to_string(outside) + " links lead out of the folder; such are not taken)" : ""));
}

// `below`: a path from the folder that is empty or ends with '/'.
void ImageList::add(const std::string &below) {
  for (const data::FolderEntry &entry : data::listFolder(root / below)) {
    fs::path path = root / (below + entry.name);
    std::error_code error;
    bool link = fs::is_symlink(path, error);
    if (entry.kind == data::FolderEntry::Folder && !link) add(below + entry.name + "/");
    if (link && !isInside(path)) {
      ++outside;
      continue;
    }
    if (entry.kind == data::FolderEntry::File && data::looksLikeImage(path)) names.push_back(below + entry.name);
  }
}

bool ImageList::isInside(const fs::path &path) const {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  return !error && std::ranges::mismatch(root, real).in1 == root.end();
}

std::optional<int64_t> ImageList::find(const std::string &name) const {
  auto found = std::ranges::lower_bound(names, name);
  if (found == names.end() || *found != name) return std::nullopt;
  return found - names.begin();
}

fs::path ImageList::path(int64_t image) const {
  fs::path path = root / names[image];
  std::error_code error;
  if (!fs::exists(path, error)) throw UserError(path.string() + ": the file is no longer there");
  if (!isInside(path))
    throw UserError(path.string() + ": leads out of the folder of images; such a link is not followed");
  return path;
}

}  // namespace nncc::label
