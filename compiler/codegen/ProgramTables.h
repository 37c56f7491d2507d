//===- ProgramTables.h - the NnccProgram of a model, in this process -------===//
//
// What a trainer would know of its model, without the trainer: the compiler can call those parts of
// the runtime that read data.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_CODEGEN_PROGRAMTABLES_H
#define NNCC_CODEGEN_PROGRAMTABLES_H

#include "kernel/Dialect.h"
#include "llvm/Support/Error.h"
#include <memory>

struct NnccProgram;

namespace nncc::codegen {

class ProgramTables {
public:
  // Of a program as the frontend gives it. `dataDir`: where relative paths of the data section start.
  static llvm::Expected<ProgramTables> of(nn::ProgramOp program, llvm::StringRef dataDir);
  ProgramTables(ProgramTables &&) noexcept;
  ~ProgramTables();

  // The constants that a trainer of the program would hold; its entries have no function and need no
  // memory. Valid as long as this object.
  const NnccProgram &program() const { return *tables; }

private:
  struct Memory;
  explicit ProgramTables(std::unique_ptr<Memory> memory);

  std::unique_ptr<Memory> memory;
  const NnccProgram *tables = nullptr;
};

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_PROGRAMTABLES_H
