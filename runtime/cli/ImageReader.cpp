#include <cmath>

#include "cli/Commands.h"

namespace nncc::cli {

NnccComponent imageReader(const NnccProgram &program) {
  static const NnccOption options[] = {{"resize", "true", NAN}};
  return program.data.train.kind ? program.data.train : NnccComponent{"image_folder", options, 1};
}

}  // namespace nncc::cli
