from django.db import models


class Item(models.Model):
    name = models.CharField(max_length=50, primary_key=True)
    price = models.PositiveBigIntegerField()  # cents
    stock = models.PositiveIntegerField()


class Order(models.Model):
    reference = models.CharField(max_length=50, unique=True)
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    account = models.CharField(max_length=50)
