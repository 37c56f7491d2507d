// Images of a list as a browser gets them: read by the trainer's decoder and encoded anew, so that people
// label what the network will see (no rotation by EXIF, no colour profile) and no byte of a file reaches
// the browser as it is.
#ifndef NNCC_LABEL_PICTURES_H
#define NNCC_LABEL_PICTURES_H

#include <cstdint>
#include <string>

#include "label/ImageList.h"

namespace nncc::label {

struct Picture {
  std::string bytes;
  const char *type;  // "image/png" or "image/jpeg"
};

// From any thread. Both throw UserError naming the file if it is broken or no longer there.
// The image at its own size: small ones as PNG, without loss; large ones as JPEG.
Picture wholePicture(const ImageList &images, int64_t image);
// The same, made to fit into a square.
Picture thumbnail(const ImageList &images, int64_t image);

}  // namespace nncc::label

#endif  // NNCC_LABEL_PICTURES_H
