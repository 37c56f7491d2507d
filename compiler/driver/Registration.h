//===- Registration.h - the dialects and passes that both mains know -------===//
#ifndef NNCC_DRIVER_REGISTRATION_H
#define NNCC_DRIVER_REGISTRATION_H

#include "mlir/IR/DialectRegistry.h"

namespace nncc::driver {

void registerDialects(mlir::DialectRegistry &registry);
void registerPasses();

} // namespace nncc::driver

#endif // NNCC_DRIVER_REGISTRATION_H
