// Members of a zip archive, as far as NumPy writes them: stored or deflated, below 4 GB.
#ifndef NNCC_DATA_ZIPFILE_H
#define NNCC_DATA_ZIPFILE_H

#include <filesystem>
#include <string>

#include "data/ByteStream.h"

namespace nncc::data {

// Throws UserError naming the file if it is no zip archive, is damaged or has no such member (it
// says which there are).
ByteStream openZipMember(const std::filesystem::path &path, const std::string &member);

}  // namespace nncc::data

#endif  // NNCC_DATA_ZIPFILE_H
