// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %diff_gates, %diff_state = nn.simple_rnn_bwd %arg0, %arg1, %arg2 : (tensor<8x8xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>)
func.func @plain(%arg0: tensor<8x8xf32>, %arg1: tensor<4x7x8xf32>, %arg2: tensor<4x7x8xf32>) {
  %diff_gates, %diff_state = nn.simple_rnn_bwd %arg0, %arg1, %arg2 : (tensor<8x8xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>)
  return
}

// CHECK-LABEL: func.func @all
// CHECK-NEXT:    %diff_gates, %diff_state = nn.simple_rnn_bwd %arg0, %arg1, %arg2 lengths %arg3 mask %arg4 {reversed = true} : (tensor<8x8xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4xi32>, tensor<4x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>)
func.func @all(%arg0: tensor<8x8xf32>, %arg1: tensor<4x7x8xf32>, %arg2: tensor<4x7x8xf32>, %arg3: tensor<4xi32>, %arg4: tensor<4x8xf32>) {
  %diff_gates, %diff_state = nn.simple_rnn_bwd %arg0, %arg1, %arg2 lengths %arg3 mask %arg4 {reversed = true} : (tensor<8x8xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4xi32>, tensor<4x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>)
  return
}
