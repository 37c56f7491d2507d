// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @flatten
// CHECK-NEXT:    %0 = nn.reshape %arg0 : tensor<32x1x1x64xf32> -> tensor<32x64xf32>
func.func @flatten(%arg0: tensor<32x1x1x64xf32>) -> tensor<32x64xf32> {
  %0 = nn.reshape %arg0 : tensor<32x1x1x64xf32> -> tensor<32x64xf32>
  return %0 : tensor<32x64xf32>
}

// Pixels and class numbers too.
// CHECK-LABEL: func.func @bytes
// CHECK-NEXT:    %0 = nn.reshape %arg0 : tensor<2x6xui8> -> tensor<2x3x2xui8>
// CHECK-NEXT:    %1 = nn.reshape %arg1 : tensor<2xi32> -> tensor<2x1xi32>
func.func @bytes(%arg0: tensor<2x6xui8>, %arg1: tensor<2xi32>) -> (tensor<2x3x2xui8>, tensor<2x1xi32>) {
  %0 = nn.reshape %arg0 : tensor<2x6xui8> -> tensor<2x3x2xui8>
  %1 = nn.reshape %arg1 : tensor<2xi32> -> tensor<2x1xi32>
  return %0, %1 : tensor<2x3x2xui8>, tensor<2x1xi32>
}

// Steps fold into the samples and out of them again.
// CHECK-LABEL: func.func @steps
// CHECK-NEXT:    %0 = nn.reshape %arg0 : tensor<2x3x4xf32> -> tensor<6x4xf32>
// CHECK-NEXT:    %1 = nn.reshape %0 : tensor<6x4xf32> -> tensor<2x3x4xf32>
func.func @steps(%arg0: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %0 = nn.reshape %arg0 : tensor<2x3x4xf32> -> tensor<6x4xf32>
  %1 = nn.reshape %0 : tensor<6x4xf32> -> tensor<2x3x4xf32>
  return %1 : tensor<2x3x4xf32>
}
