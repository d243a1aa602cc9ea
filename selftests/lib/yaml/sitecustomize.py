# SPDX-License-Identifier: GPL-2.0
"""The kernel tree's tools read each YAML file by a loader in Python, which
takes most of their time where the processor is emulated. The C one reads the
same language. Python imports this by itself where PYTHONPATH has it."""

import yaml

yaml.SafeLoader = yaml.CSafeLoader
