// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.avg_pool2d_bwd %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 7, 6>, strides = array<i64: 2, 2>} : tensor<2x3x3x4xf32> -> tensor<2x7x6x4xf32>
func.func @plain(%arg0: tensor<2x3x3x4xf32>) -> tensor<2x7x6x4xf32> {
  %0 = nn.avg_pool2d_bwd %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 7, 6>, strides = array<i64: 2, 2>} : tensor<2x3x3x4xf32> -> tensor<2x7x6x4xf32>
  return %0 : tensor<2x7x6x4xf32>
}
