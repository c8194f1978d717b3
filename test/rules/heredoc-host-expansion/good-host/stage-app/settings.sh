unit=app.service
