// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @embeddings
// CHECK-NEXT:    %0 = nn.whole_batch %arg0 : tensor<4x6xf32>
func.func @embeddings(%arg0: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %0 = nn.whole_batch %arg0 : tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// CHECK-LABEL: func.func @classes
// CHECK-NEXT:    %0 = nn.whole_batch %arg0 : tensor<4xi32>
func.func @classes(%arg0: tensor<4xi32>) -> tensor<4xi32> {
  %0 = nn.whole_batch %arg0 : tensor<4xi32>
  return %0 : tensor<4xi32>
}
