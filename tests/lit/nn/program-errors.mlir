// RUN: nncc-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{'nn.program' op batch must be positive, found 0}}
nn.program @batch attributes {batch = 0 : i64, layers = [], train = {}, data = {}} {
}

// -----

// expected-error@+1 {{'nn.program' op lanes must be from 1 to 64, found 65}}
nn.program @many_lanes attributes {batch = 1 : i64, lanes = 65 : i64, layers = [], train = {}, data = {}} {
}

// -----

// expected-error@+1 {{'nn.program' op lanes must be from 1 to 64, found 0}}
nn.program @no_lanes attributes {batch = 1 : i64, lanes = 0 : i64, layers = [], train = {}, data = {}} {
}

// -----

nn.program @no_entry attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  // expected-error@+1 {{is neither a parameter, a slot nor an entry function (attribute 'nn.entry')}}
  func.func @predict(%src: tensor<1x3xf32>) -> tensor<1x3xf32> {
    return %src : tensor<1x3xf32>
  }
}

// -----

// expected-error@+1 {{'nn.program' op requires attribute 'train'}}
"nn.program"() <{sym_name = "no_train", batch = 1 : i64, layers = [], data = {}}> ({
^bb0:
}) : () -> ()

// -----

nn.program @same_name attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  // expected-note@+1 {{see existing symbol definition here}}
  nn.slot @a : tensor<2xf32>
  // expected-error@+1 {{redefinition of symbol named 'a'}}
  nn.slot @a : tensor<2xf32>
}
