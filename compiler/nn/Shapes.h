//===- Shapes.h - helpers of the shape rules in ops/*.cpp ------------------===//
#ifndef NNCC_NN_SHAPES_H
#define NNCC_NN_SHAPES_H

#include "nn/Dialect.h"

namespace nncc::nn {

inline mlir::RankedTensorType tensorType(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) { return tensorType(value).getShape(); }

// Windows of `window` elements that fit into `size` elements with zeros on both sides, or a
// number below 1 if none fits.
inline int64_t windowsAlong(int64_t size, int64_t before, int64_t after, int64_t window,
                            int64_t stride) {
  int64_t room = size + before + after - window;
  return room < 0 ? 0 : room / stride + 1;
}

// Elements from the first to the last that a window of `window` elements sees, `dilation` apart.
inline int64_t dilated(int64_t window, int64_t dilation) { return (window - 1) * dilation + 1; }

// Strides and kernel or pool sizes: two positive numbers; pads: four that are not negative.
mlir::LogicalResult checkWindow(std::optional<mlir::Location> loc, llvm::StringRef what,
                                llvm::ArrayRef<int64_t> size, llvm::ArrayRef<int64_t> strides,
                                llvm::ArrayRef<int64_t> pads);

// The type of what a pool gives for images [N,H,W,C].
mlir::FailureOr<mlir::RankedTensorType> pooledType(std::optional<mlir::Location> loc,
                                                   mlir::Value src, llvm::ArrayRef<int64_t> pool,
                                                   llvm::ArrayRef<int64_t> strides,
                                                   llvm::ArrayRef<int64_t> pads);

// The type of the images with `size` = [H,W] of which a pool gives what has the shape of `diffDst`.
mlir::FailureOr<mlir::RankedTensorType> unpooledType(std::optional<mlir::Location> loc, mlir::Value diffDst,
                                                     llvm::ArrayRef<int64_t> size, llvm::ArrayRef<int64_t> pool,
                                                     llvm::ArrayRef<int64_t> strides,
                                                     llvm::ArrayRef<int64_t> pads);

mlir::LogicalResult checkRank(std::optional<mlir::Location> loc, llvm::StringRef operand,
                              mlir::Value value, int64_t rank, llvm::StringRef dims);

} // namespace nncc::nn

#endif // NNCC_NN_SHAPES_H
