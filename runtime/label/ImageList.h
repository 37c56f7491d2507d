// The images of a folder and of the folders in it, in byte order of their paths.
#ifndef NNCC_LABEL_IMAGELIST_H
#define NNCC_LABEL_IMAGELIST_H

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace nncc::label {

class ImageList {
 public:
  // Images are files that begin as one of the decoder's formats does. Names with a dot in front, links to
  // folders and links to files outside of the folder are passed over. Throws UserError if there is no
  // image.
  explicit ImageList(const std::filesystem::path &folder);

  const std::filesystem::path &folder() const { return root; }  // without links and '..'
  int64_t size() const { return static_cast<int64_t>(names.size()); }
  // From the folder, with '/'; any bytes but 0.
  const std::string &name(int64_t image) const { return names[image]; }
  std::optional<int64_t> find(const std::string &name) const;
  // Where to read an image. Throws UserError if that has become a link out of the folder.
  std::filesystem::path path(int64_t image) const;
  // Links that were passed over because they lead out of the folder.
  int64_t linksOut() const { return outside; }

 private:
  void add(const std::string &below);
  bool isInside(const std::filesystem::path &path) const;

  std::filesystem::path root;
  std::vector<std::string> names;
  int64_t outside = 0;
};

}  // namespace nncc::label

#endif  // NNCC_LABEL_IMAGELIST_H
