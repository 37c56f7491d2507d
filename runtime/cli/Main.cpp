#include "cli/Cli.h"

int main(int argc, char **argv) { return nncc_main(argc, argv); }
