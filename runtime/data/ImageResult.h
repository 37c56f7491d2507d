// What the decoders of image formats take and give: C libraries with longjmp inside may not
// throw, so the outcome is a value.
#ifndef NNCC_DATA_IMAGERESULT_H
#define NNCC_DATA_IMAGERESULT_H

namespace nncc::data {

struct ImageSize {
  int height, width, channels;  // channels: 1 or 3
};

struct ImageResult {
  enum Outcome { Decoded, OtherSize, Broken } outcome = Broken;
  long width = 0, height = 0;  // of the file, if OtherSize
  char message[200] = "";      // the library's, if Broken
};

}  // namespace nncc::data

#endif  // NNCC_DATA_IMAGERESULT_H
