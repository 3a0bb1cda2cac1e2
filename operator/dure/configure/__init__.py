"""Converge machines with Ansible, which stays a process of its own: inventory from a plan, events to progress."""

from dure.configure.converge import converge
from dure.configure.inventory import Inventory, inventory_from
from dure.configure.result import ConvergeResult, TaskChange, TaskEvent, TaskFailure

__all__ = ["ConvergeResult", "Inventory", "TaskChange", "TaskEvent", "TaskFailure", "converge", "inventory_from"]
