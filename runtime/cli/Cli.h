// The command line of a generated program.
#ifndef NNCC_CLI_CLI_H
#define NNCC_CLI_CLI_H

#include "abi.h"

namespace nncc::cli {

// Parses, runs one command and returns the exit status. Never throws: every error is one line
// "error: ..." on standard error.
int run(const NnccProgram &program, int argc, char **argv);

}  // namespace nncc::cli

// The same for the program that is linked in.
int nncc_main(int argc, char **argv);

#endif  // NNCC_CLI_CLI_H
