//===- Schema.h - what a model's file may say, for people ------------------===//
#ifndef NNCC_FRONTEND_SCHEMA_H
#define NNCC_FRONTEND_SCHEMA_H

#include <string>

namespace nncc::frontend {

// Every section, layer, activation, initializer, loss, metric, optimizer and reader with its
// options and defaults, as Markdown. Made from the declarations that files are read by.
std::string schemaText();

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_SCHEMA_H
