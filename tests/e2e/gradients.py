"""Through whole networks: every parameter's gradient against central differences, in f64."""

from support import Arguments, Case, DATA, HERE, main


class Gradients(Case):
    def test_layers(self):
        run = self.run_program([Arguments.nncc, "check-grad", HERE / "layers.yaml", "-Werror",
                                "--data", DATA, "--elements", 12])
        self.assertIn("all 14 gradients are right", run.stdout)


if __name__ == "__main__":
    main()
